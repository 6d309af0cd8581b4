FROM ubuntu:22.04 AS builder
RUN apt-get update && apt-get install -y openjdk-11-jdk
WORKDIR /app
COPY . .
RUN chmod +x ./gradlew
RUN sh gradlew bootJar --no-daemon

FROM ubuntu:22.04
RUN apt-get update \
    && apt-get install -y --no-install-recommends openjdk-11-jre \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=builder /app/build/libs/app-1.0.jar /app/build/libs/app-1.0.jar
CMD java -jar build/libs/app-1.0.jar
