FROM maven:3.8-jdk-8-slim AS builder
WORKDIR /app
COPY . .
RUN mvn package

FROM openjdk:8-jre-slim
WORKDIR /app
COPY --from=builder /app/target/app.jar /app/target/app.jar
COPY --from=builder /app/config /app/config
CMD ["java", "-jar", "target/app.jar"]
