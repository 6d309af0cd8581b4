FROM alpine
RUNN echo x
INCLUDE a b
foo
= x
