FROM alpine
LABEL a=b "c d"="e f" g.h-i="j\
 k"
LABEL legacy some text
LABEL multi="one \
two" x='y'
