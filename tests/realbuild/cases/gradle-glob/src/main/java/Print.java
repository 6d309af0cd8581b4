import java.nio.file.Files;
import java.nio.file.Path;

public class Print {
    public static void main(String[] arguments) throws Exception {
        System.out.println(Files.readString(Path.of("conf/text.properties")).trim() + " " + System.getProperty("place"));
    }
}
