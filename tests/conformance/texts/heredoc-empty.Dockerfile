FROM alpine
RUN <<EOF
EOF
COPY <<a <<b /c/
a
b
