FROM alpine
RUN echo "<<EOF"
RUN cat <<<word
RUN x <<- EOF
CMD <<EOF
RUN a<<EOF
RUN echo $((1<<2))
RUN echo it's <<EOF
RUN echo ${a[@]} <<EOF
RUN echo \<<EOF
ENV A=<<EOF
RUN ["x", "<<EOF"]
