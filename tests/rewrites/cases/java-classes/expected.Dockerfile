FROM eclipse-temurin:17-jdk AS builder
WORKDIR /app
COPY src src
RUN mkdir classes && javac -d classes src/app/Main.java

FROM eclipse-temurin:17-jre
WORKDIR /app
COPY --from=builder /app /app
COPY words.txt .
ENV GREETING=Hello
CMD ["java", "-cp", "classes", "app.Main"]
