FROM alpine
RUN a \
# tail
