using System.Text;

namespace Holdfast.Store.Bench;

/// <summary>
/// Messages as people write them: some words much more frequent than others, mostly short, and every twentieth in a script without spaces.
/// The same for the same seed.
/// </summary>
internal sealed class Sentences(int seed)
{
    private const int Rarer = 30_000, Usual = 11, Most = 80;

    /// <summary>The most frequent words of English, the most frequent first.</summary>
    private static readonly string[] Frequent =
    [
        .. ("the be to of and a in that have it for not on with he as you do at this but his by from they we say her she or an will my one all would there " +
            "their what so up out if about who get which go me when make can like time no just him know take people into year your good some could them see " +
            "other than then now look only come its over think also back after use two how our work first well way even new want because any these give day " +
            "most us is was are been has had were said did meeting tomorrow morning please thanks report invoice customer server deadline number question answer " +
            "call later where here right still office check train ticket monday friday street house paper contract draft review lawyer source document").Split(' '),
    ];

    private static readonly string[] Rare = MakeRare();

    private const string Ideographs = "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏";

    private readonly Random _chance = new(seed);

    internal string Next()
    {
        int length = Math.Min(Most, 1 + (int)(-Usual * Math.Log(1 - _chance.NextDouble())));
        if (_chance.Next(20) == 0) return string.Concat(Enumerable.Range(0, 2 * length).Select(_ => Ideographs[Skewed(Ideographs.Length)]));
        var text = new StringBuilder();
        for (int i = 0; i < length; i++) text.Append(i > 0 ? " " : "").Append(_chance.Next(4) == 0 ? Rare[Skewed(Rarer)] : Frequent[Skewed(Frequent.Length)]);
        return text.ToString();
    }

    private int Skewed(int count) => (int)(count * Math.Pow(_chance.NextDouble(), 2.5));

    /// <summary>Words put together from syllables of frequent ones.</summary>
    private static string[] MakeRare()
    {
        var chance = new Random(5);
        string[] parts = [.. Frequent.Where(static word => word.Length > 3).SelectMany(static word => (string[])[word[..3], word[^3..], word[1..3]]).Distinct()];
        return [.. Enumerable.Range(0, Rarer).Select(_ => string.Concat(Enumerable.Range(0, 2 + chance.Next(3)).Select(_ => parts[chance.Next(parts.Length)])))];
    }
}
