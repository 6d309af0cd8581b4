FROM alpine
COPY <<a <<b /dir/
1
a
2
b
ADD <<EOF /x
$Y
EOF
COPY --chmod=755 <<EOF /x
#!/bin/sh
EOF
