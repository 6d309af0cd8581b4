# foo=bar
# escape=`
FROM a
RUN b \
 c
