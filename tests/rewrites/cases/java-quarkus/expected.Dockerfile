FROM maven:3.9-eclipse-temurin-21 AS builder
WORKDIR /code
COPY pom.xml .
RUN mvn -B -q dependency:go-offline
COPY src src
RUN mvn -B -q package -DskipTests

FROM eclipse-temurin:21-jre
WORKDIR /code
COPY --from=builder /code/target/quarkus-app /code/target/quarkus-app
EXPOSE 8080
CMD ["java", "-jar", "target/quarkus-app/quarkus-run.jar"]
