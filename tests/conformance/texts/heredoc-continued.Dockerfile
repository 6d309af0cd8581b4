FROM alpine
RUN cat \
  <<EOF \
  && echo b
body \
EOF
RUN x
