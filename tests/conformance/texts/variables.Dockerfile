ARG V=1
FROM alpine:$V AS x${V}
ENV A=$V B=${V:-x} C=${V:+y} D=${V-} E=${V#a*} F=${V##b} G=${V%c} H=${V%%d} I=${V/a/b} J=${V//a/b} K=\$V L='$V' M="${V:-${A:-$B}}"
COPY $A ${B} "$C"/
WORKDIR $A/${B:-c d}
EXPOSE $A ${B}/tcp
