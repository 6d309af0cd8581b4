package greeter;

import java.nio.file.Files;
import java.nio.file.Path;

public class Main {
    public static void main(String[] arguments) throws Exception {
        for (String name : Files.readAllLines(Path.of(arguments[0]))) {
            System.out.println(words.Words.greeting() + " " + name);
        }
        System.out.println(Runtime.getRuntime().maxMemory() < 100_000_000);
    }
}
