FROM maven:3.9-eclipse-temurin-17 AS builder
WORKDIR /build
COPY . .
RUN mvn -q package && java -Djarmode=layertools -jar target/app-1.jar extract --destination unpacked

FROM eclipse-temurin:17-jre
COPY --from=builder /build/unpacked /build/unpacked
WORKDIR /build/unpacked
ENTRYPOINT ["java", "org.springframework.boot.loader.JarLauncher"]
