FROM alpine
RUN <<EOF
apk add x
# a comment of the shell

RUN not an instruction
EOF
RUN cat <<A > b && cat <<C
one
A
two
C
RUN python3 <<EOF
print("a")
EOF
