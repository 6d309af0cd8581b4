#
# one

  # two
FROM alpine # not a comment
#three