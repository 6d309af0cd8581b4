using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

public class Program
{
    public static void Main(string[] arguments)
    {
        WebHost.CreateDefaultBuilder(arguments).Configure(application => application.Run(async context =>
        {
            context.Response.StatusCode = context.Request.Path == "/" ? 200 : 404;
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync(Orders.Core.Orders.Count + " orders");
        })).Build().Run();
    }
}
