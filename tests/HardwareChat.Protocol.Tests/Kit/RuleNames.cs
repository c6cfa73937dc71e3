using System.Reflection;

namespace HardwareChat.Protocol.Tests;

/// <summary>Holds the tests to naming every value of a rule enumeration.</summary>
public static class RuleNames
{
    /// <summary>Every value's name must be a word of a test's name in one of these classes.</summary>
    public static void AssertNamed<TRule>(params Type[] classes)
        where TRule : struct, Enum
    {
        var words = classes
            .SelectMany(static type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(static method => method.GetCustomAttribute<FactAttribute>() is not null)
            .SelectMany(static method => method.Name.Split('_'))
            .ToHashSet();
        Assert.All(Enum.GetNames<TRule>(), name => Assert.Contains(name, words));
    }
}
