FROM maven:3.9-eclipse-temurin-17 AS builder
WORKDIR /app
COPY . .
RUN mvn -q -DskipTests package && mv target/shop.war /srv/shop.war

FROM eclipse-temurin:17-jre
COPY --from=builder /srv/shop.war /srv/shop.war
WORKDIR /srv
EXPOSE 8080
CMD ["java", "-jar", "shop.war"]
