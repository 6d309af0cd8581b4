FROM alpine
RUN <<-EOF
	indented
		more
	EOF
COPY <<-"X" /y
	a
	X
RUN <<-EOF
plain
EOF
