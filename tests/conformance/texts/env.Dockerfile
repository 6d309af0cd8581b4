FROM alpine
ENV A=b
ENV A=b C="d e" F='g h' I=j\ k L= M="" \
  N=o
ENV legacy one two
ENV legacy   "a b"   c 
ENV Q=a=b R="x'y" S='x"y'
ENV "T U"=v
