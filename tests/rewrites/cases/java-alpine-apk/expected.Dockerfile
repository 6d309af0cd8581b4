FROM alpine:3.20 AS builder
RUN apk add --no-cache openjdk17 maven
WORKDIR /app
COPY . .
RUN mvn -q package

FROM alpine:3.20
RUN apk add --no-cache openjdk17-jre
WORKDIR /app
COPY --from=builder /app/target/app-1.jar /app/target/app-1.jar
CMD ["java", "-jar", "target/app-1.jar"]
