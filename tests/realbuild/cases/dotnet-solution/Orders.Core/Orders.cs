namespace Orders.Core
{
    public static class Orders
    {
        public static int Count => 3;
    }
}
