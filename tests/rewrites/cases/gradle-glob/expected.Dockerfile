FROM gradle:7.6-jdk17 AS builder
WORKDIR /home/gradle/src
COPY --chown=gradle:gradle . .
RUN gradle build --no-daemon

FROM eclipse-temurin:17-jre
WORKDIR /home/gradle/src
COPY --from=builder /home/gradle/src/build/libs/*.jar /home/gradle/src/build/libs/
EXPOSE 8080
CMD ["sh", "-c", "java $JAVA_OPTS -jar build/libs/*.jar"]
