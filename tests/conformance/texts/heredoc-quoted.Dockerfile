FROM alpine
RUN <<'EOF'
$NOT
EOF
RUN <<"E F"
x
E F
RUN <<E"O"F
y
EOF
RUN <<\EOF
z
EOF
