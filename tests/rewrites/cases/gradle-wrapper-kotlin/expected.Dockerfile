FROM eclipse-temurin:21-jdk-jammy AS builder
WORKDIR /workspace
COPY gradlew settings.gradle.kts build.gradle.kts ./
COPY gradle gradle
RUN chmod +x gradlew && ./gradlew --no-daemon --version
COPY src src
RUN --mount=type=cache,target=/root/.gradle ./gradlew --no-daemon bootJar -x test

FROM eclipse-temurin:21-jre-jammy
WORKDIR /workspace
COPY --from=builder /workspace/build/libs/orders.jar /workspace/build/libs/orders.jar
ENV JAVA_OPTS="-XX:MaxRAMPercentage=75"
CMD exec java $JAVA_OPTS -jar build/libs/orders.jar
