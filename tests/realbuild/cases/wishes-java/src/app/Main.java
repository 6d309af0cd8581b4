package app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.Instant;

public class Main {
    public static void main(String[] arguments) throws Exception {
        String word = Files.readString(Path.of("words.txt")).trim();
        System.out.println(System.getenv("GREETING") + " " + word);
        System.out.println(ZonedDateTime.ofInstant(Instant.EPOCH, ZoneId.of("Asia/Seoul")));
        System.out.println(Runtime.version().feature());
    }
}
