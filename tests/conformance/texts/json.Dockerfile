FROM alpine
CMD ["a", "b c", "\u00e9", "d\"e"]
ENTRYPOINT [ "a" , "b" ]
RUN [ "a",\
   "b" ]
COPY ["a b", "c"]
ADD ["x","y"]
VOLUME ["/a", "/b"]
SHELL ["/bin/bash", "-c"]
CMD []
HEALTHCHECK CMD ["x", "y"]
ONBUILD CMD ["z"]
