using System.Text.RegularExpressions;

// The namespace of the Functions host, because the extension writes the type of a failure into the
// history. The code is not the host's.
namespace Microsoft.Azure.WebJobs.Script.Workers.Rpc;

/// <summary>
/// A failure of a function. The extension finds the message of the app by the form of this message:
/// Result, Exception and Stack, a line each.
/// </summary>
public partial class RpcException(string result, string message, string stack)
    : Exception($"Result: {result}\nException: {WithoutCredentials(message)}\nStack: {stack}")
{
    /// <summary>
    /// The Functions host hides what looks like a credential: from its name up to the next quote or
    /// angle bracket, or to the end.
    /// </summary>
    private static string WithoutCredentials(string text) => Credential().Replace(text, "[Hidden Credential]");

    [GeneratedRegex(
        """
        ((?<!PublicKey)Token=|DefaultEndpointsProtocol=http|AccountKey=|Data[ ]Source=|Server=|Password=|pwd=
          |(&|\?|&amp;)(sig|code)=|SharedAccessKey=|key=)[^<"']*
        |\b[a-z]+://[^:/\s]+:[^@/\s]+@[^:/\s]+:[0-9]+\b
        """,
        RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Credential();
}
