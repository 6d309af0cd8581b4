FROM debian:bookworm AS builder
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jdk-headless maven curl \
    && rm -rf /var/lib/apt/lists/*
ENV JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64
WORKDIR /opt/app
COPY pom.xml .
COPY src src
RUN mvn -q package

FROM debian:bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl openjdk-17-jre-headless \
    && rm -rf /var/lib/apt/lists/*
ENV JAVA_HOME=/usr/lib/jvm/java-17-openjdk-amd64
WORKDIR /opt/app
COPY --from=builder /opt/app/target/app-1.jar /opt/app/target/app-1.jar
HEALTHCHECK CMD curl -f http://localhost:8080/ || exit 1
CMD ["java", "-jar", "target/app-1.jar"]
