FROM tomcat:10.1-jdk21 AS builder
RUN apt-get update && apt-get install -y --no-install-recommends maven && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY pom.xml .
COPY src src
RUN mvn -q package

FROM tomcat:10.1-jre21
COPY --from=builder /build/target/portal.war /usr/local/tomcat/webapps/ROOT.war
WORKDIR /usr/local/tomcat
EXPOSE 8080
