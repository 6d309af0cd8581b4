FROM alpine
RUN echo "a \" b" 'c' "d
copy a b
ENV A="it's" B='say "x"' C=\"q\"
LABEL d="e \\" f=g
