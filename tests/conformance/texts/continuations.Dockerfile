FROM alpine
RUN a \
  b \  
  c \	
  d
R\
UN split keyword
ENV A=1 \
    B=2\
    C=3
RUN x\\
RUN y
