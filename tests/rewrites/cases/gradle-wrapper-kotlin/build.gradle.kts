plugins {
    kotlin("jvm") version "1.9.22"
    id("org.springframework.boot") version "3.2.3"
}

version = "1.4.0"

tasks.named<BootJar>("bootJar") {
    // short for the image
    archiveFileName.set("orders.jar")
}
