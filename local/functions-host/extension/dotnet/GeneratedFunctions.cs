using System.Reflection;
using System.Reflection.Emit;
using Microsoft.Azure.WebJobs;
using Microsoft.Azure.WebJobs.Extensions.DurableTask;
using Newtonsoft.Json.Linq;

namespace ExtensionHost;

/// <summary>
/// Declares the functions of the app to WebJobs, as the Functions host does for its language workers.
/// Each is a static method: <c>[FunctionName("x")] Task&lt;object&gt; x([…Trigger] string binding,
/// [DurableClient] string client, IBinder binder)</c>.
/// </summary>
internal static class GeneratedFunctions
{
    private static readonly IReadOnlyDictionary<string, Type> Triggers = new Dictionary<string, Type>
    {
        ["orchestrationTrigger"] = typeof(OrchestrationTriggerAttribute),
        ["activityTrigger"] = typeof(ActivityTriggerAttribute),
        ["entityTrigger"] = typeof(EntityTriggerAttribute),
    };

    public static Type From(JArray functions)
    {
        AssemblyBuilder assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("App"), AssemblyBuilderAccess.Run);
        ModuleBuilder module = assembly.DefineDynamicModule("App");
        // The Functions host uses this name; it is in logs, and in the texts of some exceptions.
        TypeBuilder type = module.DefineType("Host.Functions", TypeAttributes.Public);
        foreach (JToken function in functions)
        {
            Define(type, (string)function["name"]!, (string)function["binding"]!, Triggers[(string)function["trigger"]!]);
        }

        return type.CreateType();
    }

    private static void Define(TypeBuilder type, string name, string binding, Type trigger)
    {
        MethodBuilder method = type.DefineMethod(
            name,
            MethodAttributes.Public | MethodAttributes.Static,
            typeof(Task<object>),
            [typeof(string), typeof(string), typeof(IBinder)]);
        method.SetCustomAttribute(Attribute(typeof(FunctionNameAttribute), name));
        method.DefineParameter(1, ParameterAttributes.None, binding).SetCustomAttribute(Attribute(trigger));
        method.DefineParameter(2, ParameterAttributes.None, "_durableClient").SetCustomAttribute(Attribute(typeof(DurableClientAttribute)));
        method.DefineParameter(3, ParameterAttributes.None, "_binder");

        ILGenerator code = method.GetILGenerator();
        code.Emit(OpCodes.Ldstr, name);
        code.Emit(OpCodes.Ldstr, binding);
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Ldarg_2);
        code.Emit(OpCodes.Call, typeof(Invocations).GetMethod(nameof(Invocations.Invoke))!);
        code.Emit(OpCodes.Ret);
    }

    private static CustomAttributeBuilder Attribute(Type type, params object[] given) =>
        new(type.GetConstructor(given.Select(value => value.GetType()).ToArray())!, given);
}
