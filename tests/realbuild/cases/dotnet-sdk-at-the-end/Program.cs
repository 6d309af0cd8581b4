using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

public class Program
{
    public static void Main(string[] arguments)
    {
        WebHost.CreateDefaultBuilder(arguments).Configure(application =>
        {
            var settings = application.ApplicationServices.GetRequiredService<IConfiguration>();
            application.UseStaticFiles();
            application.Run(async context =>
            {
                context.Response.ContentType = "text/plain";
                context.Response.StatusCode = context.Request.Path == "/" ? 200 : 404;
                await context.Response.WriteAsync(context.Request.Path == "/" ? settings["Greeting"] : "nothing here");
            });
        }).Build().Run();
    }
}
