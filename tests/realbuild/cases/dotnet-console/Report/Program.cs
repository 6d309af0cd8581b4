using System;
using System.IO;

public static class Program
{
    public static int Main(string[] arguments)
    {
        var rate = int.Parse(File.ReadAllText("rates.txt").Trim());
        foreach (var argument in arguments)
        {
            Console.WriteLine($"{int.Parse(argument) * rate} {Environment.GetEnvironmentVariable("CURRENCY")}");
        }
        Console.WriteLine($"{Environment.UserName} {TimeZoneInfo.FindSystemTimeZoneById("Asia/Seoul").BaseUtcOffset}");
        return 0;
    }
}
