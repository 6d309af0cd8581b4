FROM maven:3.9-eclipse-temurin-17 AS builder
WORKDIR /build
COPY pom.xml .
COPY src ./src
RUN mvn -q package -DskipTests

FROM eclipse-temurin:17-jre
WORKDIR /build
COPY --from=builder /build/target/web-1.0.jar /build/target/web-1.0.jar
EXPOSE 8080
ENTRYPOINT ["java", "-jar", "target/web-1.0.jar"]
