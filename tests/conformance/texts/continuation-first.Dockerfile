\
FROM alpine
  \
  RUN a
