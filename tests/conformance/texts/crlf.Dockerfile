FROM alpine
RUN a && \
    b
# note

COPY <<EOF /x
line
EOF
ENV A=b C="d e"
