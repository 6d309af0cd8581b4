public class Main {
    public static void main(String[] words) {
        System.out.println(Tool.join(words) + " " + System.getProperty("user.name"));
    }
}
