FROM alpine
RUN cat <<EOF|sh
b
EOF|sh
RUN 3<<EOF cat
c
EOF
RUN cat <<EOF;x
d
EOF;x
