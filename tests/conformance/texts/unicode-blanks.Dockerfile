FROM alpine
　RUN echo x
ENV A=b C=d
