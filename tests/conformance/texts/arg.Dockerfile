ARG A
ARG B=c D E="f g"
FROM alpine:${B:-3}
ARG A
ARG X=1 Y="a b" Z
