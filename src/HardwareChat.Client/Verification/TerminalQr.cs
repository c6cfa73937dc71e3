using System.Text;
using QRCoder;

namespace HardwareChat.Client.Verification;

/// <summary>QR codes of text characters: two modules a cell, by half blocks.</summary>
public static class TerminalQr
{
    private const string Blocks = " ▀▄█";

    /// <summary>The lines of a QR code, its quiet zone included.</summary>
    /// <param name="text">What it says; capitals and digits make it smallest.</param>
    /// <param name="lightOnDark">Whether the terminal writes light on dark: the light modules are drawn then, else the dark ones.</param>
    public static IReadOnlyList<string> Lines(string text, bool lightOnDark = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        using QRCodeData code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        int size = code.ModuleMatrix.Count;
        var lines = new List<string>();
        for (int y = 0; y < size; y += 2)
        {
            var line = new StringBuilder(size);
            for (int x = 0; x < size; x++)
                line.Append(Blocks[(IsDrawn(x, y) ? 1 : 0) + (IsDrawn(x, y + 1) ? 2 : 0)]);
            lines.Add(line.ToString());
        }
        return lines;

        bool IsDrawn(int x, int y) => (y < size && code.ModuleMatrix[y][x]) != lightOnDark;
    }
}
