FROM alpine
LABEL note="배포 😀 이미지" emoji=😀
RUN echo "😀" \
  && echo 한글
COPY 파일.txt /앱/
