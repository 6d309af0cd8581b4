from alpine
Run a
rUN b
copy a b
env A=b
