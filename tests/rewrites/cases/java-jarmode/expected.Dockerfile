FROM eclipse-temurin:21 AS builder
WORKDIR /app
COPY . .
RUN ["./gradlew", "bootJar"]
RUN java -Djarmode=tools -jar build/libs/app-1.0.jar extract --destination run

FROM eclipse-temurin:21-jre
WORKDIR /app
COPY --from=builder /app/run /app/run
COPY --from=builder /app/build/libs/trace.jar /app/build/libs/trace.jar
CMD ["java", "-javaagent:build/libs/trace.jar=port=9000", "-XX:SharedArchiveFile=run/app.jsa", "-jar", "run/app-1.0.jar"]
