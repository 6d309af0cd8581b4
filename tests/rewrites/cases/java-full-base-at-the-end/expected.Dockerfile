FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /src
COPY . .
RUN mvn -q package

FROM eclipse-temurin:17-jre
RUN useradd --system app
WORKDIR /app
# the jar only
COPY --from=build /src/target/app.jar app.jar
USER app
ENTRYPOINT ["java", "-jar", "app.jar"]
