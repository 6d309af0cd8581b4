FROM alpine
RUN a \

   
  b
ENV A=b \

