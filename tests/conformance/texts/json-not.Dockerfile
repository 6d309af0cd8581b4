FROM alpine
CMD ['a']
RUN [ -f x ] && echo y
RUN [[ -n "$A" ]]
CMD ["a"
CMD ["a",]
COPY [a-z]* /x/
VOLUME [/data]
RUN pip install .[dev]
CMD ["a\d"]
ENTRYPOINT ["a" "b"]
