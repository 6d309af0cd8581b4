FROM gradle:8-jdk17 AS builder
WORKDIR /src
COPY . .
RUN gradle :api:bootJar --no-daemon --parallel -x test

FROM eclipse-temurin:17-jre
WORKDIR /src
COPY --from=builder /src/api/build/libs/api-2.0.jar /src/api/build/libs/api-2.0.jar
EXPOSE 8080
CMD ["java", "-Xmx256m", "-jar", "api/build/libs/api-2.0.jar"]
