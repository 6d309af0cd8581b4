using System.Diagnostics;

class Builder
{
    ProcessStartInfo start = new ProcessStartInfo { FileName = "dotnet", Arguments = "publish" };
}
